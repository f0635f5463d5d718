"""Training: a loop that trains whatever is a task (task.py), from whatever is a source of batches (data.py).

It runs with torch, numpy, pillow, pyarrow and safetensors alone.
"""

"""The page, its endpoints and the process that serves them; all that reads settings, and all that imports gradio."""

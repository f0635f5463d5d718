"""What builds the files in `weights/`; development only (requirements-dev.txt)."""

"""What a prompt says: its vectors, and the brief that it is read as."""

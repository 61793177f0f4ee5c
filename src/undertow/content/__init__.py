"""Data files and their loaders: instruments, banks, phrases, help. What they mean is left to the rooms below."""

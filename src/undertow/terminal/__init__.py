"""The command line and the self-check in a terminal; what is said comes from `reading`."""

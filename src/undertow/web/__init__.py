"""The pages: everything works without script; what is said comes from `reading`, what is kept is nothing."""

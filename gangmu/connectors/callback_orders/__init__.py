"""Orders by callback: the other system posts to us."""

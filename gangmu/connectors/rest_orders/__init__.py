"""Orders by REST, pulled and pushed."""

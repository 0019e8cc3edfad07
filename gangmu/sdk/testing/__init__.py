"""Stand-ins for the outside world, for tests, demos and trials: ``hotline`` is a city's 12345."""

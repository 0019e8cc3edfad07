"""Where people and programs meet the house: HTTP and live ticks, the command line, the built screens."""

"""One line of migrations for the node's database, run as the owner of the tables."""

"""A bundle measured on full-size photographs, through the whole program."""

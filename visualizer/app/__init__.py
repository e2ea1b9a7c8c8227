"""The program's loop, from its start to its shutdown."""

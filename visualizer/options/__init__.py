"""Command-line options: how a recipe, its axes and its files are given in words."""

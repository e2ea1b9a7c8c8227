"""Command-line options: how a recipe, its axes and its files are given in words.

`recipe_options` reads a picture's options and `as_command` writes them; those of one parameter each
are in `declared_options`, those of `stylegan-t metrics` in `metric_options`; `grid_axes`, `paths`
and `out_path` are the kinds of values.
"""

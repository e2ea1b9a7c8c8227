"""Recipes to frames: what turns a `Recipe` into a picture, in this thread or in its own.

`recipe` says what a picture is, `pipeline` makes it, in the background too, and `files` writes it
down.  This package knows devices; it knows no window and no OpenGL.
"""

"""Recipes to frames: what turns a `Recipe` into a picture, in this thread or in its own.

`recipe` says what a picture is, `stages` makes it, `worker` makes it in the background, `export`
writes it down.  This package knows devices; it knows no window and no OpenGL.
"""

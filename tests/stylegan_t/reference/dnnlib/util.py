"""Stands for the originals' module while a snapshot is written."""


class EasyDict(dict):
    """The originals' dictionary with attributes."""

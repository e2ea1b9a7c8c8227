"""Tests; the folders mirror the packages.  `bash tests/run` sets everything up and runs them."""

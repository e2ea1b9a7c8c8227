"""Pictures and their captions: folders, zips, shards and the demo world, in a reproducible order."""

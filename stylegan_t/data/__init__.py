"""Pictures and their captions, in a reproducible order: folders, zips, shards, the demo world."""

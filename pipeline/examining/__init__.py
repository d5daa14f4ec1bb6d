"""What `examine` asks of a photo: its faces, the networks, the maps, and whether an answer would stand."""

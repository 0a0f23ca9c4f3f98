"""What the 24 GB path costs on a GPU, measured in pieces; see the README beside this folder."""

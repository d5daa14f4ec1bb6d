"""What operations share: masks of a face's parts, warps, blends, and who can lend to whom."""

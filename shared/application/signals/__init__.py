"""From signals to findings: rules folded over what they remember."""

"""The network at work: sessions, templates, statistics, the Stylizer."""

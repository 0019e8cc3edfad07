"""Facts that cross stages: frozen, versioned, past tense, plain values. One file a stage."""

"""From a frame to a label that holds still: bundle, runtimes, classifier, smoothing."""

"""Chapter 10, image classification: a photographed page, robustness, the same network in TensorFlow, transfer and strangers."""

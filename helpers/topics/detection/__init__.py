"""Chapter 11, object detection: boxes and their scores, digits on textures, one-shot and recurrent detectors, coins, faces, gestures."""

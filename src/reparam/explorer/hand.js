// A slow hand: Bokeh takes a button held still for 0.3 s for a press of its own, and then neither a
// click nor a lasso counts. The page has no use for such presses.

Bokeh.require("core/ui_gestures").UIGestures.press_threshold = 2 ** 31 - 1; // the longest timer

// Package domain holds what a video job is: its states and the moves between them, the parameters of an extraction and
// their limits, names, keys, estimates, preferences and the facts that are announced. It knows no database, no HTTP and
// no clock; times come in as arguments.
package domain

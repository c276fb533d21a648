// Package domain holds what an extraction is: its parameters, images and report, the job that asked for it, and the rules
// about progress and failure. It knows neither how videos are decoded nor where bytes are kept.
package domain

// Package presenter is the HTTP face of the videos module: it turns requests into calls of use cases and their answers
// into the bodies of openapi.yaml, which its types and routes are generated from. It decides nothing about jobs.
package presenter

// Package web serves what a person opens in a browser: the page at /, the API's description at /openapi.yaml and
// /openapi.json, and its reference at /docs. Everything is embedded in the binary; nothing is built or fetched.
//
// The page uses only the public HTTP API. This module therefore has no business rules, no database and no session of its
// own, and knows no other module: it is handed the documents that it publishes.
package web

// Package usecase is what the worker does: extract one video into an archive, carry one claimed job to its end while its
// lease is kept alive, and keep a bounded number of jobs running. Ports are declared beside the code that needs them.
package usecase

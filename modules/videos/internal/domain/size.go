package domain

import "strconv"

// MiB is bytes as the interface states them: mebibytes, not rounded.
func MiB(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// Size says a number of bytes in words, "500MB", in the contract's megabytes of 1024 x 1024 bytes.
func Size(bytes int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	value, i := float64(bytes), 0
	for value >= 1024 && i < len(units)-1 && (i < 2 || value >= 10240) {
		value, i = value/1024, i+1
	}
	return strconv.FormatFloat(float64(int64(value*100))/100, 'f', -1, 64) + units[i]
}

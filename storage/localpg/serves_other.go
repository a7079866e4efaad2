//go:build unix && !linux

package localpg

// servesData: without /proc another process's folder is not known.
func servesData(int, string) (serves, known bool) { return false, false }

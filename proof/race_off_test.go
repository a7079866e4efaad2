//go:build !race

package proof

// buildFlags are those of the program under test.
func buildFlags() []string { return nil }

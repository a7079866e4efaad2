package main

import (
	"bufio"
	"fmt"
	"io"
)

// maxLine is the longest input line: a post of 1 MB escaped as JSON fits.
const maxLine = 16 << 20

// eachLine hands every non-empty line to f and names the line that failed.
func eachLine(r io.Reader, f func(line []byte) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), maxLine)
	for n := 1; sc.Scan(); n++ {
		if len(sc.Bytes()) == 0 {
			continue
		}
		if err := f(sc.Bytes()); err != nil {
			return fmt.Errorf("строка %d: %w", n, err)
		}
	}
	return sc.Err()
}

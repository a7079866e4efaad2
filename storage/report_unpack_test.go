package storage

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/otklik/otklik/domain"
)

// The bytes are what array_send says of '{3,0,70000}' and '{}' in PostgreSQL 15.
func TestPackedTimes(t *testing.T) {
	packed := []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 3, 0, 0, 0, 1,
		0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0x11, 0x70}
	got, err := unpackTimes(packed)
	if err != nil || !slices.Equal(got, domain.Times{3, 0, 70000}) {
		t.Fatalf("unpacked %v, %v", got, err)
	}
	if got, err := unpackTimes([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23}); err != nil || len(got) != 0 {
		t.Fatalf("nothing unpacked as %v, %v", got, err)
	}
	for n := range packed {
		if _, err := unpackTimes(packed[:n]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

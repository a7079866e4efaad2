package rules

import (
	"bytes"
	"os"
	"testing"
)

// TestTableIsTheDecree: number, wording and days of every row are the
// decree's, byte for byte.
func TestTableIsTheDecree(t *testing.T) {
	for region, file := range map[string]string{
		"khabarovsk":  "testdata/decree/khabarovsk-232-rp.csv",
		"kaliningrad": "testdata/decree/kaliningrad-544-p.csv",
	} {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		files, err := Embedded(region)
		if err != nil {
			t.Fatal(err)
		}
		l := newLoader(files) // the rows alone: the rest of the pack has its own tests
		l.read()
		if got := Table(&l.p); !bytes.Equal(got, want) {
			t.Errorf("%s differs from the decree:\n%s", region, firstDifference(got, want))
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return "have " + string(g[i]) + "\nwant " + string(w[i])
		}
	}
	return "one is longer"
}

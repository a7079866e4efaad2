package domain_test

import (
	"math"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

// One long text takes no longer than many short ones that are as much together.
func TestMaskIsLinear(t *testing.T) {
	const short, times = 1 << 10, 16
	for _, piece := range []string{"1", "8 ", "т. 12-34-56 ", "мама. рак ", "диагноз острый ", "08 10 ", "123/", "9.12.", "серия 0812 номер ", "8_9", "СНИЛС 123456789 "} {
		part := strings.Repeat(piece, short/len(piece))
		whole := strings.Repeat(part, times)
		parts := quickest(t, func() {
			for range times {
				domain.Mask(part)
			}
		})
		if one := quickest(t, func() { domain.Mask(whole) }); one > times/3*parts { // a square would be times as much
			t.Errorf("%q: %s in parts, %s whole", piece, parts, one)
		}
	}
}

// quickest is the least processor time of several runs: what else a machine does only
// adds, and takes no time of this thread.
func quickest(t *testing.T, run func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	least := time.Duration(math.MaxInt64)
	for range 2 {
		began := threadTime(t)
		run()
		least = min(least, threadTime(t)-began)
	}
	return least
}

func threadTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

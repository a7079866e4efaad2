package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

// screen prints the live table of the demonstration. On a terminal it redraws
// in place; elsewhere it appends a block whenever something changed.
type screen struct {
	out  io.Writer
	s    *server
	live bool
	last string
}

func newScreen(out io.Writer, s *server) *screen {
	f, ok := out.(*os.File)
	live := false
	if ok {
		info, err := f.Stat()
		live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return &screen{out: out, s: s, live: live}
}

const screenCases = 4

// show prints the table and returns the totals.
func (sc *screen) show(ctx context.Context) (domain.Stats, error) {
	var b strings.Builder
	var total domain.Stats
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "регион\tвремя\tполучено\tпроблем\tинцидентов\tпоручено\tна разборе\tпросрочено")
	for _, p := range sc.s.follower.Packs() {
		st, err := sc.s.infra.store.Stats(ctx, p.Region.ID)
		if err != nil {
			return total, err
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\n", p.Region.Name, sc.s.clock.Now().In(p.Region.Location).Format("02.01 15:04"),
			st.Posts, st.Problems, st.Cases, st.Assigned, st.Review, st.Overdue)
		total.Posts += st.Posts
		total.Problems += st.Problems
		total.Cases += st.Cases
		total.Assigned += st.Assigned
		total.Review += st.Review
		total.Overdue += st.Overdue
	}
	_ = w.Flush() // to memory
	if err := sc.cases(ctx, &b); err != nil {
		return total, err
	}
	fmt.Fprintf(&b, "\nРабочее место: http://%s\n  %s\n", sc.s.addresses.desk, strings.Join(demoLogins(), "\n  "))
	sc.print(b.String())
	return total, nil
}

// cases lists the newest cases with their reason.
func (sc *screen) cases(ctx context.Context, b *strings.Builder) error {
	for _, region := range sc.s.deskRegions() {
		list, err := sc.s.infra.store.RecentCases(ctx, region.ID, screenCases)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			fmt.Fprintf(b, "\n%s: последние инциденты\n", region.Name)
		}
		for _, c := range list {
			mark := " "
			if c.Urgent {
				mark = "!"
			}
			fmt.Fprintf(b, "%s %s  %s  [%s]\n    %s → %s, срок %s\n    %s\n", mark, c.Number, region.Category(c), domain.StateTitle(c.State),
				page.Place(c.Place), region.Agency(c.AgencyID), c.Deadline.Due.Add(-time.Second).In(region.Zone).Format("02.01"), c.Reason)
		}
	}
	return nil
}

func (sc *screen) print(text string) {
	switch {
	case sc.live:
		fmt.Fprint(sc.out, "\x1b[H\x1b[2J", text)
	case text != sc.last:
		fmt.Fprintln(sc.out, text)
	}
	sc.last = text
}

// portFree reports whether an address can be listened on now.
func portFree(ctx context.Context, addr string) bool {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	return l.Close() == nil
}

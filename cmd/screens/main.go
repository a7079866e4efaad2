// Command screens takes a picture of every page of the workplace: light, dark
// and on a phone; what is made to be printed also as PDF. It runs the demonstration, waits until its clock has caught
// up, and looks at it with Chromium.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/otklik/otklik/demo"
	"github.com/otklik/otklik/proof/browser"
)

const (
	within = 8 * time.Minute  // of everything
	lively = 75 * time.Second // the demonstration's twelve days and the work of its bodies
)

func main() {
	out := flag.String("out", "screens", "folder of the pictures")
	program := flag.String("otklik", "./otklik", "the built program")
	address := flag.String("address", "", "a demonstration that already runs, instead of a new one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := run(ctx, *out, *program, *address); err != nil {
		fmt.Fprintln(os.Stderr, "screens:", err)
		cancel()
		os.Exit(1)
	}
}

func run(ctx context.Context, out, program, address string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	chromium, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer chromium.Close()
	if address == "" {
		show, err := startDemo(ctx, program)
		if err != nil {
			return err
		}
		defer show.close()
		address = show.address
		fmt.Printf("%s: waiting %s for its twelve days\n", address, lively)
		select {
		case <-time.After(lively):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return pictures(chromium, address, out)
}

// looks are how every page is looked at. A page is loaded once and dressed anew
// for each: loading is what takes time.
func looks() []look {
	dark := browser.Office()
	dark.Dark = true
	return []look{{"light", browser.Office(), false}, {"dark", dark, false}, {"phone", browser.Phone(), true}}
}

type look struct {
	name  string
	dress browser.Look
	whole bool // a phone is scrolled: its picture is the whole page
}

// pictures takes those of all pages, with one visitor a role.
func pictures(chromium *browser.Browser, address, out string) error {
	tabs := map[string]*browser.Tab{}
	defer func() {
		for _, t := range tabs {
			t.Close()
		}
	}()
	for _, p := range browser.Pages() {
		t := tabs[p.As]
		if t == nil {
			var err error
			if t, err = enter(chromium, address, p.As); err != nil {
				return err
			}
			tabs[p.As] = t
		}
		if err := picture(t, p, out); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

func enter(chromium *browser.Browser, address, role string) (*browser.Tab, error) {
	t, err := chromium.Visit(address, browser.Office())
	if err != nil || role == "" {
		return t, err
	}
	return t, t.Login(role+"27", demo.Password)
}

func picture(t *browser.Tab, p browser.Page, out string) error {
	if err := t.Dress(browser.Office()); err != nil {
		return err
	}
	found, err := t.Open(p)
	if err != nil {
		return err
	}
	if !found {
		fmt.Printf("%s: nothing to show here\n", p.Name)
		return nil
	}
	for _, l := range looks() {
		if err := t.Dress(l.dress); err != nil {
			return err
		}
		file := filepath.Join(out, p.Name+"-"+l.name+".png")
		if err := shoot(t, file, l.whole); err != nil {
			return err
		}
		fmt.Println(file)
	}
	if !p.Paper {
		return nil
	}
	pdf, err := t.Print()
	if err != nil {
		return err
	}
	file := filepath.Join(out, p.Name+".pdf")
	fmt.Println(file)
	return os.WriteFile(file, pdf, 0o644) //nolint:gosec // pages of invented people
}

func shoot(t *browser.Tab, file string, whole bool) error {
	png, err := t.Picture(whole)
	if err != nil {
		return err
	}
	return os.WriteFile(file, png, 0o644) //nolint:gosec // pictures of invented people
}

// show is a demonstration in a folder of its own.
type show struct {
	address string
	cmd     *exec.Cmd
	dir     string
}

var printed = regexp.MustCompile(`http://\S+`)

// startDemo starts a demonstration and reads its address from what it prints.
func startDemo(ctx context.Context, program string) (*show, error) {
	dir, err := os.MkdirTemp("", "otklik-screens-")
	if err != nil {
		return nil, err
	}
	path, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, "demo")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Env = append(os.Environ(), "OTKLIK_STATE_DIR="+dir, "OTKLIK_DESK_LISTEN=127.0.0.1:0")
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the demonstration (make build first): %w", err)
	}
	s := &show{cmd: cmd, dir: dir}
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		if s.address = printed.FindString(lines.Text()); s.address != "" {
			go func() { _, _ = io.Copy(io.Discard, pipe) }() // it goes on printing
			return s, nil
		}
	}
	s.close()
	return nil, errors.New("the demonstration ended without printing an address")
}

func (s *show) close() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

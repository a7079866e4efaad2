// Package browser shows the workplace to a real Chromium: what a visitor sees,
// clicks and types, and what the page complains of meanwhile. Its tests walk the
// built program; cmd/screens takes pictures with it.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// ErrMissing: no Chromium on this machine. Its text says how to get one.
var ErrMissing = errors.New("no Chromium on this machine: «make setup-test» installs it, or: sudo apt-get install -y --no-install-recommends chromium")

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	ctx     context.Context //nolint:containedctx // the library keeps the browser in it
	cancel  context.CancelFunc
	profile string
}

// Start starts Chromium without a window. Close ends it.
func Start(ctx context.Context) (*Browser, error) {
	path, err := find(exec.LookPath)
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "otklik-browser-")
	if err != nil {
		return nil, fmt.Errorf("folder of the browser: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("no-proxy-server", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", false), chromedp.Env("LANGUAGE=ru"))
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	own, cancel := chromedp.NewContext(allocator)
	b := &Browser{ctx: own, profile: profile, cancel: func() { cancel(); stop() }}
	if err := chromedp.Do(own); err != nil {
		b.Close()
		return nil, fmt.Errorf("start Chromium (%s): %w", path, err)
	}
	return b, nil
}

// find names the program; Debian and Ubuntu call it differently.
func find(look func(string) (string, error)) (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := look(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() {
	b.cancel()
	_ = os.RemoveAll(b.profile)
}

// Look is the screen of a visitor.
type Look struct {
	Width, Height int64 // CSS pixels; zero: an office screen of 1366×768
	Phone         bool
	Dark          bool
	NoScript      bool
}

// Office and Phone are the screens that the pages are made for.
func Office() Look { return Look{Width: 1366, Height: 768} }

// Phone is a narrow touch screen.
func Phone() Look { return Look{Width: 390, Height: 844, Phone: true} }

// Visit opens a tab of a new visitor: no cookies yet. base is the address of
// the workplace; whatever is asked of another address is a fault of the page.
func (b *Browser) Visit(base string, look Look) (*Tab, error) {
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t := &Tab{ctx: ctx, cancel: cancel, base: base}
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	if err := chromedp.Listen(ctx, t.watch); err != nil {
		cancel()
		return nil, fmt.Errorf("watch a tab: %w", err)
	}
	if err := t.Dress(look); err != nil {
		cancel()
		return nil, fmt.Errorf("screen of a tab: %w", err)
	}
	return t, nil
}

// Dress gives the tab another screen. Every tab believes that it is in front.
func (t *Tab) Dress(look Look) error {
	if look.Width == 0 {
		look.Width, look.Height = Office().Width, Office().Height
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(t.ctx, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: look.Width, Height: look.Height, DeviceScaleFactor: 1, Mobile: look.Phone})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		return err
	}
	if _, err = chromedp.Call(t.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		return err
	}
	_, err = chromedp.Call(t.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: look.NoScript})
	return err
}

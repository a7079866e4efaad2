package vk_test

import (
	"testing"

	"github.com/otklik/otklik/platform/vk"
)

func TestWallAddress(t *testing.T) {
	for give, want := range map[string]string{
		"-123": "-123", " 45 ": "45", "club77": "-77", "public5": "-5", "khv_today": "khv_today",
		"https://vk.com/club1": "-1", "https://vk.ru/khv.today?w=1": "khv.today", "http://m.vk.com/wall-12_34": "-12", "@name": "name",
		"https://vk.com/": "", "две стены": "", "https://example.com/club1": "", "": "",
	} {
		got, err := vk.WallAddress(give)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", give, got, err, want)
		}
	}
}

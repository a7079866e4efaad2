package main

import (
	"os"
	"testing"

	"github.com/otklik/otklik/domain"
)

// A pack of a third region needs no line of code: its places are found.
func TestSmallPackOfAnotherRegion(t *testing.T) {
	t.Chdir("../..")
	c, err := smallPack(exportPack, os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]domain.Place{
		"В Тюкалинске на улице Зелёной, 5 яма на дороге":               {Municipality: "tyukalinsk", Street: "Зеленая улица", House: "5"},
		"Исилькульский район, выбоины на дороге у школы":               {Municipality: "isilkul"},
		"Яма на дороге, город Омск, ул. Кирова":                        {Municipality: "omsk", Street: "Кирова улица"},
		"В Новосибирске не чистят дороги, такие же ямы на всех улицах": {},
	} {
		if p := c.Judge(&domain.Post{Text: text}).Place; p.Municipality != want.Municipality || p.Street != want.Street || p.House != want.House {
			t.Errorf("%q: %+v", text, p)
		}
	}
	if _, err := smallPack("rules/testdata/packs/none", os.DirFS("absent")); err == nil {
		t.Error("a folder that is not there is a pack")
	}
}

func TestNamesOfAnExport(t *testing.T) {
	for name, want := range map[string]string{"улица 50 лет ВЛКСМ": "50 лет влксм", "Омск г.о.": "омск", "Тарский район": "тарский", "село Желанное": "желанное", "Омская область, другое": "омская"} {
		if got := bare(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var s exportScore
	s.add("На Зелёной темно", "Зелёная улица", "Зеленая улица")
	s.add("На Зелёной темно", "Зелёная улица", "Садовая улица")
	s.add("Темно", "Зелёная улица", "")
	s.add("Темно", "", "Садовая улица")
	if s != (exportScore{all: 3, told: 2, right: 1, wrong: 1, foundTold: 1}) {
		t.Errorf("%+v", s)
	}
}

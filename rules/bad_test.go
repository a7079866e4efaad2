package rules

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
)

// loadBad loads a pack of testdata/bad, each the base pack with one thing
// wrong (the rest is linked), without the shared topics.
func loadBad(t *testing.T, name string) error {
	t.Helper()
	files, err := Collect(os.DirFS("testdata/bad/"+name), "base", os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(files)
	if err != nil {
		return err
	}
	return Check(p, now)
}

// What is expected of every bad pack: exactly these faults, as
// "file:line code", and words that name the thing.
var badPacks = []struct {
	name   string
	faults string
	names  string
}{
	{"syntax", "agencies.yaml:6 syntax", "YAML"},
	{"encoding", "region.yaml:3 syntax", "UTF-8"},
	{"missing-file", "agencies.yaml:0 missing_file", "файла нет"},
	{"stray-file", "agences.yaml:0 unknown_file", "не был бы прочитан"},
	{"unknown-key", "region.yaml:31 unknown_key", "retention_day"},
	{"duplicate-key", "region.yaml:33 duplicate_key", "recheck_days"},
	{"wrong-type", "categories.yaml:3 wrong_type", "десять"},
	{"wrong-shape", "routing.yaml:5 wrong_type", "список"},
	{"nested-alias", "agencies.yaml:3 wrong_type", "*center"},

	{"duplicate-row", "categories.yaml:3 row_duplicate", "строка 1"},
	{"row-gap", "categories.yaml:3 route_missing, categories.yaml:3 row_gap", "строка 3"},
	{"row-days", "categories.yaml:3 row_days", "срок 0"},
	{"row-days-many", "categories.yaml:3 row_days", "срок 366"},
	{"row-restricted", "categories.yaml:2 bad_value, categories.yaml:3 bad_value", "restricted «false»"},
	{"row-no-topic", "categories.yaml:3 row_no_topic", "строка 2"},
	{"topic-unknown", "categories.yaml:3 topic_unknown", "clinic.lost"},
	{"topic-twice", "categories.yaml:3 topic_twice", "road.holes"},

	{"duplicate-topic", "topics/own.yaml:28 duplicate_id", "clinic.queue"},
	{"topic-weak", "topics/own.yaml:28 topic_weak", "noise.night"},
	{"few-match", "topics/own.yaml:2 few_sentences", "match 4"},
	{"few-miss", "topics/own.yaml:15 few_sentences", "miss 1"},
	{"phrase-empty", "topics/own.yaml:31 phrase_empty", "ничего не ищет"},
	{"phrase-slot", "topics/own.yaml:5 phrase_slot", "яма||выбоин*"},
	{"phrase-blocked", "topics/own.yaml:18 phrase_blocked", "врач*|поликлин*"},
	{"phrase-weight", "topics/own.yaml:6 bad_value", "весом 0"},
	{"phrase-within", "topics/own.yaml:5 bad_value", "within"},

	// Only the classifier can tell these (classify.TestBadPhrases).
	{"phrase-dead-latin", "", ""},
	{"phrase-dead-dot", "", ""},
	{"phrase-dead-not-stem", "", ""},
	{"phrase-dead-near", "", ""},
	{"phrase-dead-alternative", "", ""},
	{"phrase-dead-alternative-not", "", ""},

	{"agency-unknown", "routing.yaml:3 agency_unknown", "hospital"},
	{"otherwise-unknown", "routing.yaml:2 agency_unknown", "road-ministry"},
	{"parent-unknown", "agencies.yaml:7 agency_unknown", "ministry"},
	{"agency-cycle", "agencies.yaml:4 agency_cycle", "health-ministry → clinic → health-ministry"},
	{"duplicate-agency", "agencies.yaml:7 duplicate_id", "center"},
	{"agency-kind", "agencies.yaml:7 bad_value", "clinic"},
	{"agency-approval", "agencies.yaml:7 bad_value", "nobody"},
	{"agency-basis", "agencies.yaml:2 empty", "center"},
	{"agency-territory", "agencies.yaml:6 municipality", "county"},
	{"agency-dates", "agencies.yaml:7 date_order", "2026-04-30"},
	{"bad-date", "agencies.yaml:7 bad_date", "01.05.2026"},

	{"route-missing", "categories.yaml:3 route_missing", "строка 2"},
	{"route-no-default", "routing.yaml:5 route_no_default", "по умолчанию"},
	{"route-unreachable", "routing.yaml:5 route_unreachable", "late"},
	{"route-overlap", "routing.yaml:4 route_overlap, routing.yaml:5 route_overlap", "country"},
	{"route-no-otherwise", "routing.yaml:2 route_no_otherwise", "holes"},
	{"route-rows", "routing.yaml:2 bad_value", "один"},
	{"route-row-beyond", "routing.yaml:2 bad_value", "«7»"},
	{"route-topic", "routing.yaml:5 topic_unknown", "nois.*"},
	{"route-place", "routing.yaml:3 municipality", "village"},
	{"route-territory", "routing.yaml:3 territory", "country"},
	{"duplicate-route", "routing.yaml:5 duplicate_id", "queue"},

	{"calendar-year", "calendar.yaml:1 calendar_year", "2027"},
	{"calendar-twice", "calendar.yaml:3 calendar_day", "дважды"},
	{"calendar-day", "calendar.yaml:3 calendar_day", "2026-01-01"},
	{"calendar-date", "calendar.yaml:2 bad_date", "30.12.2026"},
	{"calendar-working", "calendar.yaml:2 calendar_day", "2026-12-25"},

	{"municipality-body", "gazetteer.yaml:3 municipality_body", "country"},
	{"municipality-agency-unknown", "gazetteer.yaml:3 municipality_body", "county-hall"},
	{"municipality-territory", "gazetteer.yaml:3 territory", "town-hall"},
	{"settlement-municipality", "gazetteer.yaml:6 municipality", "county"},
	{"street-settlement", "gazetteer.yaml:8 settlement_unknown", "Городок"},

	{"decree-dates", "region.yaml:11 date_order", "2025-12-31"},
	{"region-id", "region.yaml:1 bad_value", "../base"},
	{"zone", "region.yaml:4 bad_zone", "Азия/Владивосток"},
	{"cron", "region.yaml:30 bad_cron", "каждое утро"},
	{"cron-every", "region.yaml:29 bad_cron", "чаще раза в минуту"},
	{"cron-never", "region.yaml:30 bad_cron", "0 0 30 2 *"},
	{"learning", "region.yaml:31 bad_cron, region.yaml:31 bad_value", "чаще раза в сутки"},
	{"cron-zone", "region.yaml:29 bad_cron", "TZ=UTC"},
	{"telegram-decision", "region.yaml:27 channel_decision", "Telegram"},
	{"telegram-signer", "region.yaml:27 channel_decision", "Telegram"},
	{"channel-missing", "region.yaml:24 empty", "не заполнено: channels.max,"},
	{"operator-half", "region.yaml:6 empty", "не заполнено: operator.address"},
	{"channel-read", "region.yaml:26 empty", "не заполнено: channels.max.read"},
	{"row-cite", "region.yaml:14 bad_value", "row_cite"},
	{"non-working", "region.yaml:18 bad_value", "after"},
	{"threshold", "region.yaml:23 bad_value", "70"},
	{"norm", "region.yaml:16 bad_value", "ordinary_days"},

	{"agency-past", "agencies.yaml:5 agency_expired, agencies.yaml:7 agency_expired", "town-queue"},
	{"agency-reserved", "agencies.yaml:7 bad_value", "администрацию места"},
	{"municipality-ministry", "gazetteer.yaml:2 municipality_body", "roads-ministry"},
	{"municipality-clinic", "gazetteer.yaml:2 municipality_body", "clinic"},
	{"route-otherwise-territory", "routing.yaml:5 territory", "otherwise ведёт к «clinic» и из «country»"},
	{"route-whole-region", "routing.yaml:4 territory", "«town»"},
	{"route-default-territory", "routing.yaml:6 territory", "rest"},
	{"zone-local", "region.yaml:4 bad_zone", "на каждой машине"},
	{"praise-row", "categories.yaml:3 praise", "строка 2"},
	{"praise-topic", "categories.yaml:3 praise", "строка 2"},
	{"beyond-route", "routing.yaml:3 beyond, routing.yaml:4 beyond", "Минздрав России"},
	{"beyond-row", "routing.yaml:4 beyond", "строки 2"},
	{"settlement-twice", "gazetteer.yaml:7 duplicate_id", "gazetteer.yaml:5"},
	{"settlement-namesake", "gazetteer.yaml:7 duplicate_id", "ambiguous"},
	{"settlement-type", "gazetteer.yaml:6 bad_value", "«c»"},
	{"settlement-population", "gazetteer.yaml:6 bad_value", "-100"},
	{"settlement-form", "gazetteer.yaml:6 empty", "пустая форма"},
	{"municipality-form", "gazetteer.yaml:3 duplicate_id", "Сельский район"},
	{"municipality-form-empty", "gazetteer.yaml:2 empty", "пустая форма"},
	{"municipality-center", "gazetteer.yaml:3 settlement_unknown", "Посёлок"},
	{"municipality-name", "gazetteer.yaml:3 empty", "country"},
	{"municipality-kind", "gazetteer.yaml:3 bad_value", "«район»"},
	{"municipality-population", "gazetteer.yaml:3 bad_value", "-1"},
	{"region-folder", "region.yaml:1 bad_value", "primorye"},
	{"calendar-empty", "calendar.yaml:3 calendar_day", "2027"},
	{"calendar-status", "calendar.yaml:3 bad_value", "approved"},
	{"norm-days", "region.yaml:16 bad_value", "366"},
	{"norm-hours", "region.yaml:19 bad_value", "9000"},
	{"retention", "region.yaml:31 bad_value", "перепроверяются 7"},
	{"problem-score", "region.yaml:23 bad_value", "-1"},
	{"decree-future", "region.yaml:10 date_order", "2027-12-01"},

	{"elsewhere-empty", "gazetteer.yaml:13 empty", "в elsewhere пустое название"},
	{"elsewhere-own", "gazetteer.yaml:13 duplicate_id", "«город» в elsewhere"},
	{"elsewhere-own-ambiguous", "gazetteer.yaml:12 duplicate_id", "«Село» в elsewhere_ambiguous"},
	{"elsewhere-letter", "gazetteer.yaml:13 two_alphabets", "слово «кpай»"},
	{"settlement-letter", "gazetteer.yaml:6 two_alphabets", "слово «Сельцo» написано двумя алфавитами: «o»"},
	{"agency-name", "agencies.yaml:7 duplicate_id", "и у «roads-ministry» (base/agencies.yaml:3)"},
	{"agency-letter", "agencies.yaml:4 two_alphabets", "здoровья"},
	{"scope-empty", "region.yaml:13 empty", "decree.scope пуст"},

	{"many", "agencies.yaml:2 bad_value, agencies.yaml:7 agency_unknown, categories.yaml:2 unknown_key, " +
		"categories.yaml:3 wrong_type, region.yaml:4 bad_zone", "Asia/Khabarovsk"},
}

func TestBadPacks(t *testing.T) {
	for _, c := range badPacks {
		t.Run(c.name, func(t *testing.T) {
			err := loadBad(t, c.name)
			if c.faults == "" {
				if err != nil {
					t.Errorf("more is wrong with it than was meant: %v", err)
				}
				return
			}
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v, want Faults", err)
			}
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%s:%d %s", strings.TrimPrefix(f.File, "base/"), f.Line, f.Code))
				if !russian(f.What) || !russian(f.Mend) {
					t.Errorf("not in Russian: %s", f)
				}
			}
			if g := strings.Join(got, ", "); g != c.faults {
				t.Errorf("faults\n  %s\nwant\n  %s", g, c.faults)
			}
			if !strings.Contains(err.Error(), c.names) || !strings.Contains(err.Error(), "Как исправить: ") {
				t.Errorf("%q is not named in\n%v", c.names, err)
			}
		})
	}
}

// TestEveryBadPackIsExpected keeps folder and table together.
func TestEveryBadPackIsExpected(t *testing.T) {
	expected := map[string]bool{}
	for _, c := range badPacks {
		expected[c.name] = true
	}
	dirs, err := os.ReadDir("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if !expected[d.Name()] {
			t.Errorf("testdata/bad/%s: nobody says what is wrong with it", d.Name())
		}
	}
}

// A decree whose day is past is told, not refused: a region goes on with its list
// until the next act is named.
func TestExpiredDecreeIsAWarning(t *testing.T) {
	p, err := LoadEmbedded("khabarovsk")
	if err != nil {
		t.Fatal(err)
	}
	p.Region.Decree.ValidTo = "2026-11-23"
	if w := Warnings(p, now); len(w) != 0 { // the last day counts
		t.Errorf("in force, and yet: %v", w)
	}
	w := Warnings(p, now.AddDate(0, 0, 1))
	if len(w) != 1 || w[0].Code != CodeDecreeExpired || w[0].File != "khabarovsk/region.yaml" || w[0].Line == 0 ||
		!strings.Contains(w[0].What, "2026-11-23") || !russian(w[0].Mend) {
		t.Errorf("expired: %v", w)
	}
	p.Region.Decree.ValidTo = ""
	if w := Warnings(p, now); len(w) != 0 {
		t.Errorf("open, and yet: %v", w)
	}
}

// What is refused at an activation is not refused of a version in force: it must
// load again after an update of the program. A first start refuses it too.
func TestSoundIsNotAskedOfAVersionInForce(t *testing.T) {
	files, err := Collect(os.DirFS("testdata/bad/zone-local"), "base", os.DirFS("absent"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	var faults Faults
	if err := Sound(p); !errors.As(err, &faults) || len(faults) != 1 || faults[0].Code != CodeBadZone {
		t.Errorf("sound: %v", err)
	}
}

func russian(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

package classify

import (
	"sync"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// ordinary is a complaint of common length, own words.
const ordinary = `Здравствуйте! Третью неделю не вывозят мусор с контейнерной площадки во дворе дома 14 ` +
	`по улице Карла Маркса. Баки переполнены, ветер разносит пакеты по детской площадке, бегают крысы. ` +
	`Звонили в управляющую компанию, там отвечают, что машина сломана. Уважаемая администрация, примите меры, ` +
	`дети гуляют среди отходов. Сколько можно ждать?`

// embedded are the classifiers of the packs as they ship, each made once for all
// tests: they do not change.
var embedded = sync.OnceValues(func() (map[string]*Classifier, error) {
	school, list := NewSchool(), map[string]*Classifier{}
	for _, region := range rules.EmbeddedRegions() {
		pack, err := rules.LoadEmbedded(region)
		if err != nil {
			return nil, err
		}
		if list[region], err = Compile(pack, Options{School: school}); err != nil {
			return nil, err
		}
	}
	return list, nil
})

func embeddedClassifier(t testing.TB, region string) *Classifier {
	t.Helper()
	list, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return list[region]
}

func BenchmarkJudge(b *testing.B) {
	c := embeddedClassifier(b, "khabarovsk")
	post := &domain.Post{Text: ordinary, Home: "khabarovsk-city"}
	b.ReportAllocs()
	for b.Loop() {
		c.Judge(post)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkCompile(b *testing.B) {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Compile(pack, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

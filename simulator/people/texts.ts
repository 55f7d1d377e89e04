import type { Intent } from '#simulator/people/profiles.ts'
import type { Random } from '#simulator/random.ts'

const FIRST_NAMES = [
  'Ayşe',
  'Mehmet',
  'Zeynep',
  'Mustafa',
  'Elif',
  'Ahmet',
  'Fatma',
  'Emre',
  'Merve',
  'Burak',
  'Esra',
  'Can',
  'Büşra',
  'Kerem',
  'Derya',
  'Ozan',
  'Gizem',
  'Hakan',
  'İrem',
  'Onur',
  'Selin',
  'Tolga',
  'Şeyma',
  'Uğur',
  'Ceren',
  'Volkan',
  'Nazlı',
  'Serkan',
  'Pınar',
  'Yusuf',
  'Ebru',
  'Barış',
  'Tuğba',
  'Deniz',
  'Melis',
  'Kaan',
  'Sibel',
  'Murat',
  'Aslı',
  'Efe',
]

const LAST_NAMES = [
  'Yılmaz',
  'Kaya',
  'Demir',
  'Çelik',
  'Şahin',
  'Yıldız',
  'Öztürk',
  'Aydın',
  'Özdemir',
  'Arslan',
  'Doğan',
  'Kılıç',
  'Aslan',
  'Çetin',
  'Kara',
  'Koç',
  'Kurt',
  'Özkan',
  'Şimşek',
  'Polat',
  'Korkmaz',
  'Güneş',
  'Erdoğan',
  'Aksoy',
]

const PHRASES: Readonly<Record<Intent, readonly string[]>> = {
  greeting: ['merhaba', 'selam', 'iyi günler', 'kolay gelsin', 'selam, orada mısınız?', 'iyi akşamlar'],
  interest: [
    'detay alabilir miyim?',
    'bu hâlâ geçerli mi',
    'güzelmiş, nasıl katılıyorum',
    'başka renk var mı?',
    'stokta var mı acaba',
    'biraz bilgi verir misiniz',
    'bana da anlatın lütfen',
  ],
  price: [
    'fiyatı ne kadar?',
    'kaç lira',
    'indirim var mı?',
    'biraz daha uygun olur mu',
    'kargo dahil mi',
    'taksit oluyor mu?',
    'en ucuzu hangisi',
  ],
  order: [
    'sipariş vermek istiyorum',
    'bir tane alayım',
    'ödemeyi nasıl yapıyorum',
    'adresim aynı, gönderebilirsiniz',
    'aynısından bir daha istiyorum',
  ],
  thanks: ['teşekkürler', 'çok sağ olun 🙏', 'elinize sağlık', 'harika olmuş, teşekkür ederim', 'süpersiniz'],
  refusal: ['şimdilik istemiyorum', 'ilgilenmiyorum', 'yok sağ olun', 'daha sonra bakarım'],
  chat: [
    'günaydın herkese',
    'bunu deneyen oldu mu?',
    'dün akşamki yayını izleyen var mı',
    'bence ikisi de güzel',
    'haklısın',
    'ben geçen ay aldım, memnunum',
    '😂😂',
    'katılıyorum',
    'linki olan atabilir mi',
    'iyi haftalar',
  ],
}

const STOPS = ['/stop', 'DUR', 'dur', 'STOP', 'İPTAL']

/** Words a person of the intent would write; now and then in a hurry, without the accents. */
export function writePhrase(intent: Intent, random: Random): string {
  const phrase = random.pick(PHRASES[intent])
  return random.chance(0.15) ? withoutAccents(phrase) : phrase
}

export function writeStop(random: Random): string {
  return random.pick(STOPS)
}

export function createPersonName(random: Random): {
  readonly firstName: string
  readonly lastName: string | undefined
} {
  return { firstName: random.pick(FIRST_NAMES), lastName: random.chance(0.6) ? random.pick(LAST_NAMES) : undefined }
}

/** A latin username out of a name, unique by its number. */
export function createUsername(firstName: string, serial: number): string {
  return `${withoutAccents(firstName).toLowerCase()}_${serial}`
}

const PLAIN: Readonly<Record<string, string>> = {
  ç: 'c',
  ğ: 'g',
  ı: 'i',
  ö: 'o',
  ş: 's',
  ü: 'u',
  â: 'a',
  İ: 'I',
  Ç: 'C',
  Ğ: 'G',
  Ö: 'O',
  Ş: 'S',
  Ü: 'U',
}

function withoutAccents(text: string): string {
  return text.replace(/[çğıöşüâİÇĞÖŞÜ]/g, (letter) => PLAIN[letter] ?? letter)
}

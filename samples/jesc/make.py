"""Writes raw.tar.gz: invented subtitles in the layout of JESC. Run: python samples/jesc/make.py"""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

# English in small letters, TAB, Japanese; the last ones are no pairs.
LINES = (
    "wait here until i come back.\t私が戻るまで ここで待っていて。",
    "who left the lights on?\t電気をつけっぱなしにしたのは誰?",
    "the last boat leaves at noon.\t最後の船は 正午に出ます。",
    "i've never been this far north.\tこんなに北まで 来たことはない。",
    'they call it "the silent bell".\tみんな「鳴らない鐘」と呼んでいる。',
    '"get in the car.\t「車に乗れ。',
    "did you bring the map, captain?\t地図は持ってきましたか 船長?",
    "null\tヌル",
    "that's not what she told me.\t彼女の話と違うな。",
    "we have ten minutes, maybe less.\tあと10分 いや それもないな。",
    "grandpa used to fish right here.\tおじいちゃんは昔 ここで釣りをしていた。",
    "keep your voice down. they're asleep.\t声を落として。みんな寝てる。",
    "i'll take the stairs.\t階段で行くよ。",
    "it smells like rain.\t雨の匂いがする。",
    "one ticket to the coast, please.\t海岸まで 切符を1枚ください。",
    "you still owe me a coffee.\tコーヒー1杯の貸しは まだ残ってるぞ。",
    "the bridge is out!\t橋が落ちてる!",
    "- ready? - ready.\t-いいか? -いいよ。",
    "tell the doctor i said thanks.\t先生に よろしく伝えて。",
    "nobody has lived there for years.\tあそこには もう何年も誰も住んでいない。",
    "so, this is goodbye.\tじゃあ これでお別れだね。",
    "happy birthday, little brother.\t弟よ 誕生日おめでとう。",
    "na na na...\tナナナ…",
    "i can hear music upstairs.\t上の階から 音楽が聞こえる。",
    "this line has no tab. この行にはタブがない。",
    "where did everybody go?\t",
    "\tどこへ行くんだ?",
    "too many\t列が\t多すぎる",
)


def archive() -> bytes:
    """The tar archive with its one member `raw/raw`."""
    text = ("\n".join(LINES) + "\n").encode()
    member = tarfile.TarInfo("raw/raw")
    member.size = len(text)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        tar.addfile(member, io.BytesIO(text))
    return packed.getvalue()


if __name__ == "__main__":
    (Path(__file__).parent / "raw.tar.gz").write_bytes(gzip.compress(archive(), mtime=0))

"""Han characters that GBK kept in its private area, as Unicode has them now: files of older systems and input methods
still write them (䶮 as U+E863), and two forms of one name would be two people."""

_FIRST = 0xE815  # stands for the bytes FE 50; FE 7F does not exist
_CELLS = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
# GB 18030-2005, appendix E: what Python's codec, which is of 2000, still gives as private
_NEW = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip

OLD_HAN: dict[int, int] = {
    _FIRST + at: ord(bytes((0xFE, byte)).decode("gb18030")) for at, byte in enumerate(_CELLS)
} | _NEW

"""Bulk import over HTTP into a fresh node, text index included: the clock stops when the last line
is acknowledged, which is when it is durable and searchable.

Target (README.md, "Measured"): at least 10,000 documents/s, memory flat whatever the size.
"""

import processes
import generated_shop


def main():
    options = generated_shop.arguments(__doc__, products=200_000)
    shop = generated_shop.Shop(options)
    with processes.Node(options.node) as node:
        with processes.MemorySampler(node) as sampler:
            seconds, size = generated_shop.import_shop(node, shop, options.products)
        first_half, second_half = sampler.peak_of_halves()
        memory = node.memory_bytes()
        print(f"{options.products:,} documents, {size / 1e6:,.0f} MB in {seconds:.1f} s:"
              f" {options.products / seconds:,.0f} documents/s (target 10,000),"
              f" {size / seconds / 1e6:.1f} MB/s")
        print(f"CPU {node.cpu_seconds() / options.products * 1e6:.0f} us per document")
        print(f"memory without page cache: peak {first_half / 1e6:,.0f} MB in the first half,"
              f" {second_half / 1e6:,.0f} MB in the second;"
              f" peak RSS {memory['VmHWM'] / 1e6:,.0f} MB")
        data = processes.directory_bytes(node.data)
        print(f"data directory {data / 1e6:,.0f} MB, {data / options.products:,.0f} bytes/document")


if __name__ == "__main__":
    main()

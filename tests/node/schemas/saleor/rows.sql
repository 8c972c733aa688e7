INSERT INTO channel_channel (name, slug, is_active, currency_code) VALUES
  ('Default', 'default', true, 'USD'), ('Poland', 'pl', true, 'PLN'), ('Old', 'old', false, 'EUR');
INSERT INTO product_producttype (name, slug) SELECT 'Type ' || i, 'type-' || i
  FROM generate_series(1, 3) i;
INSERT INTO product_category (id, name, slug, parent_id) SELECT i, 'Category ' || i,
  'category-' || i, CASE WHEN i > 3 THEN i / 2 END FROM generate_series(1, 12) i;
SELECT number_categories();
INSERT INTO product_categorytranslation (language_code, name, category_id)
  SELECT 'pl', 'Kategoria ' || i, i FROM generate_series(1, 10) i;
INSERT INTO product_product (id, name, slug, description, description_plaintext, category_id,
    product_type_id, weight, rating, metadata, search_vector)
  SELECT i, 'Product ' || i, 'product-' || i, jsonb_build_object('time', i, 'blocks',
      jsonb_build_array(jsonb_build_object('type', 'paragraph', 'data',
        jsonb_build_object('text', 'Text <b>' || i || '</b>')))),
    repeat(md5(random()::text), 100), 1 + i % 12, 1 + i % 3, i / 8.0, i / 10.0,
    jsonb_build_object('erp', i::text), to_tsvector('simple', 'product ' || i)
  FROM generate_series(1, 30) i;
INSERT INTO product_producttranslation (language_code, name, product_id)
  SELECT CASE i % 3 WHEN 0 THEN 'de' ELSE 'pl' END, 'Produkt ' || i, i
  FROM generate_series(1, 30) i;
INSERT INTO product_productvariant (id, sku, name, sort_order, product_id) SELECT i, 'SKU-' || i,
  'Variant ' || i, i % 4, 1 + i % 30 FROM generate_series(1, 80) i;
UPDATE product_product p SET default_variant_id = (
  SELECT min(v.id) FROM product_productvariant v WHERE product_id = p.id);
INSERT INTO product_productchannellisting (product_id, channel_id, currency,
    discounted_price_amount, published_at, is_published)
  SELECT i, channel, CASE channel WHEN 1 THEN 'USD' ELSE 'PLN' END, i * 1.25,
    '2024-01-01'::timestamptz + i * '1 h'::interval, i % 8 > 0
  FROM generate_series(1, 30) i, generate_series(1, 2) channel;
INSERT INTO product_productvariantchannellisting (variant_id, channel_id, currency, price_amount,
    discounted_price_amount)
  SELECT i, channel, 'USD', i * 1.5, CASE WHEN i % 3 = 0 THEN i * 1.125 END
  FROM generate_series(1, 80) i, generate_series(1, 2) channel;
INSERT INTO product_productmedia (sort_order, image, type, product_id)
  SELECT nullif(i % 4, 0), 'products/' || i || '.png', CASE i % 5 WHEN 0 THEN 'VIDEO'
    ELSE 'IMAGE' END, 1 + i % 30 FROM generate_series(1, 60) i;
INSERT INTO product_collection (id, name, slug) SELECT i, 'Collection ' || i, 'collection-' || i
  FROM generate_series(1, 6) i;
INSERT INTO product_collectionproduct (collection_id, product_id, sort_order)
  SELECT 1 + i % 6, 1 + i % 30, nullif(i % 5, 0) FROM generate_series(1, 60) i
  ON CONFLICT DO NOTHING;
INSERT INTO product_collectionchannellisting (collection_id, channel_id, is_published)
  SELECT i, 1, i % 4 > 0 FROM generate_series(1, 5) i;
INSERT INTO attribute_attribute (id, slug, name) VALUES (1, 'color', 'Color'),
  (2, 'color_code', 'Color code'), (3, 'material', 'Material'), (4, 'size', 'Size');
INSERT INTO attribute_attributevalue (id, name, slug, sort_order, attribute_id, "numeric")
  SELECT i, 'Value ' || i, 'value-' || i, i % 3, 1 + i % 4, i / 3.0
  FROM generate_series(1, 20) i;
INSERT INTO attribute_attributevaluetranslation (language_code, name, attribute_value_id)
  SELECT 'pl', 'Wartosc ' || i, i FROM generate_series(1, 20) i;
INSERT INTO attribute_assignedproductattributevalue (sort_order, value_id, product_id)
  SELECT nullif(i % 4, 0), 1 + i % 19, 1 + i % 30 FROM generate_series(1, 80) i
  ON CONFLICT DO NOTHING;
INSERT INTO attribute_attributevariant (id, attribute_id, product_type_id) VALUES (1, 4, 1),
  (2, 1, 1), (3, 4, 2), (4, 4, 3);
INSERT INTO attribute_assignedvariantattribute (id, assignment_id, variant_id)
  SELECT i, 1 + i % 4, 1 + i % 80 FROM generate_series(1, 100) i;
INSERT INTO attribute_assignedvariantattributevalue (sort_order, assignment_id, value_id)
  SELECT i % 3, i, 1 + i % 20 FROM generate_series(1, 100) i;
INSERT INTO warehouse_warehouse (id, name, slug) SELECT md5('warehouse ' || i)::uuid,
  'Warehouse ' || i, 'warehouse-' || i FROM generate_series(1, 3) i;
INSERT INTO warehouse_stock (id, quantity, quantity_allocated, product_variant_id, warehouse_id)
  SELECT i, i % 9, i % 4, 1 + i % 80, md5('warehouse ' || 1 + i % 3)::uuid
  FROM generate_series(1, 130) i;
INSERT INTO warehouse_allocation (quantity_allocated, stock_id) SELECT 1 + i % 3, 1 + i % 130
  FROM generate_series(1, 60) i;

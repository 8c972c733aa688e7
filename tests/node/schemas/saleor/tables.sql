-- Saleor's tables, written anew from the facts. Django deletes what refers to a row itself, and the
-- server looks at the keys when a transaction ends: until then they may point anywhere. A product
-- and its variants refer to each other.

CREATE TABLE channel_channel (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL UNIQUE, is_active boolean NOT NULL, currency_code varchar(3) NOT NULL,
  default_country varchar(2) NOT NULL DEFAULT 'PL');
CREATE TABLE product_producttype (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL, has_variants boolean NOT NULL DEFAULT true,
  kind varchar(32) NOT NULL DEFAULT 'normal', metadata jsonb DEFAULT '{}',
  private_metadata jsonb DEFAULT '{}');
CREATE TABLE product_category (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL, description jsonb, lft integer NOT NULL DEFAULT 0,
  rght integer NOT NULL DEFAULT 0, tree_id integer NOT NULL DEFAULT 0,
  level integer NOT NULL DEFAULT 0,
  parent_id integer REFERENCES product_category DEFERRABLE INITIALLY DEFERRED,
  metadata jsonb DEFAULT '{}');
CREATE TABLE product_categorytranslation (id serial PRIMARY KEY,
  language_code varchar(35) NOT NULL, name varchar(128), category_id integer NOT NULL
    REFERENCES product_category DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (language_code, category_id));
CREATE TABLE product_product (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL UNIQUE, description jsonb,
  description_plaintext text NOT NULL DEFAULT '', created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  category_id integer REFERENCES product_category DEFERRABLE INITIALLY DEFERRED,
  product_type_id integer NOT NULL REFERENCES product_producttype DEFERRABLE INITIALLY DEFERRED,
  default_variant_id integer UNIQUE, weight double precision, rating double precision,
  metadata jsonb DEFAULT '{}', private_metadata jsonb DEFAULT '{}', search_vector tsvector,
  external_reference varchar(250) UNIQUE);
CREATE TABLE product_producttranslation (id serial PRIMARY KEY,
  language_code varchar(35) NOT NULL, name varchar(250), description jsonb,
  product_id integer NOT NULL REFERENCES product_product DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (language_code, product_id));
CREATE TABLE product_productvariant (id serial PRIMARY KEY, sku varchar(255) UNIQUE,
  name varchar(255) NOT NULL, sort_order integer, track_inventory boolean NOT NULL DEFAULT true,
  is_preorder boolean NOT NULL DEFAULT false, preorder_end_date timestamptz,
  weight double precision, metadata jsonb DEFAULT '{}',
  product_id integer NOT NULL REFERENCES product_product DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE product_product ADD FOREIGN KEY (default_variant_id)
  REFERENCES product_productvariant DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE product_productchannellisting (id serial PRIMARY KEY,
  is_published boolean NOT NULL DEFAULT true, published_at timestamptz,
  visible_in_listings boolean NOT NULL DEFAULT true, available_for_purchase_at timestamptz,
  currency varchar(3) NOT NULL, discounted_price_amount numeric(20, 3),
  product_id integer NOT NULL REFERENCES product_product DEFERRABLE INITIALLY DEFERRED,
  channel_id integer NOT NULL REFERENCES channel_channel DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (product_id, channel_id));
CREATE TABLE product_productvariantchannellisting (id serial PRIMARY KEY,
  currency varchar(3) NOT NULL, price_amount numeric(20, 3), cost_price_amount numeric(20, 3),
  discounted_price_amount numeric(20, 3), preorder_quantity_threshold integer,
  variant_id integer NOT NULL REFERENCES product_productvariant DEFERRABLE INITIALLY DEFERRED,
  channel_id integer NOT NULL REFERENCES channel_channel DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (variant_id, channel_id));
CREATE TABLE product_productmedia (id serial PRIMARY KEY, sort_order integer,
  image varchar(100), alt varchar(250) NOT NULL DEFAULT '', type varchar(32) NOT NULL,
  oembed_data jsonb NOT NULL DEFAULT '{}', to_remove boolean NOT NULL DEFAULT false,
  product_id integer REFERENCES product_product DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE product_collection (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL, metadata jsonb DEFAULT '{}');
CREATE TABLE product_collectionproduct (id serial PRIMARY KEY, sort_order integer,
  collection_id integer NOT NULL REFERENCES product_collection DEFERRABLE INITIALLY DEFERRED,
  product_id integer NOT NULL REFERENCES product_product DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (collection_id, product_id));
CREATE TABLE product_collectionchannellisting (id serial PRIMARY KEY,
  is_published boolean NOT NULL, published_at timestamptz,
  collection_id integer NOT NULL REFERENCES product_collection DEFERRABLE INITIALLY DEFERRED,
  channel_id integer NOT NULL REFERENCES channel_channel DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (collection_id, channel_id));

CREATE TABLE attribute_attribute (id serial PRIMARY KEY, slug varchar(250) NOT NULL,
  name varchar(255) NOT NULL, type varchar(50) NOT NULL DEFAULT 'product-type',
  input_type varchar(50) NOT NULL DEFAULT 'dropdown', unit varchar(100),
  visible_in_storefront boolean NOT NULL DEFAULT true);
CREATE TABLE attribute_attributevalue (id serial PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL, value varchar(255) NOT NULL DEFAULT '', sort_order integer,
  rich_text jsonb, "boolean" boolean, date_time timestamptz, "numeric" double precision,
  attribute_id integer NOT NULL REFERENCES attribute_attribute DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE attribute_attributevaluetranslation (id serial PRIMARY KEY,
  language_code varchar(35) NOT NULL, name varchar(250) NOT NULL, attribute_value_id integer
    NOT NULL REFERENCES attribute_attributevalue DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE attribute_assignedproductattributevalue (id serial PRIMARY KEY, sort_order integer,
  value_id integer NOT NULL REFERENCES attribute_attributevalue DEFERRABLE INITIALLY DEFERRED,
  product_id integer NOT NULL REFERENCES product_product DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (value_id, product_id));
CREATE TABLE attribute_attributevariant (id serial PRIMARY KEY, sort_order integer,
  variant_selection boolean NOT NULL DEFAULT false,
  attribute_id integer NOT NULL REFERENCES attribute_attribute DEFERRABLE INITIALLY DEFERRED,
  product_type_id integer NOT NULL REFERENCES product_producttype DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE attribute_assignedvariantattribute (id serial PRIMARY KEY,
  assignment_id integer NOT NULL REFERENCES attribute_attributevariant
    DEFERRABLE INITIALLY DEFERRED,
  variant_id integer NOT NULL REFERENCES product_productvariant DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE attribute_assignedvariantattributevalue (id serial PRIMARY KEY, sort_order integer,
  assignment_id integer NOT NULL REFERENCES attribute_assignedvariantattribute
    DEFERRABLE INITIALLY DEFERRED,
  value_id integer NOT NULL REFERENCES attribute_attributevalue DEFERRABLE INITIALLY DEFERRED);

CREATE TABLE warehouse_warehouse (id uuid PRIMARY KEY, name varchar(250) NOT NULL,
  slug varchar(255) NOT NULL);
CREATE TABLE warehouse_stock (id serial PRIMARY KEY, quantity integer NOT NULL DEFAULT 0,
  quantity_allocated integer NOT NULL DEFAULT 0,
  product_variant_id integer NOT NULL REFERENCES product_productvariant
    DEFERRABLE INITIALLY DEFERRED,
  warehouse_id uuid NOT NULL REFERENCES warehouse_warehouse DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE warehouse_allocation (id serial PRIMARY KEY, quantity_allocated integer NOT NULL,
  order_line_id uuid, stock_id integer NOT NULL
    REFERENCES warehouse_stock DEFERRABLE INITIALLY DEFERRED);

-- Each tree of categories has a number, and its rows have numbers around those of all below.
CREATE FUNCTION number_categories() RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE tree AS (
    SELECT id, id AS tree_id, ARRAY[id] AS path, 0 AS level FROM product_category
    WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, tree.tree_id, path || c.id, tree.level + 1
    FROM product_category c JOIN tree ON c.parent_id = tree.id),
  numbered AS (
    SELECT id, tree_id, level,
      2 * row_number() OVER (PARTITION BY tree_id ORDER BY path) - 1 - level AS lft,
      (SELECT count(*) FROM tree below WHERE tree.id = ANY (below.path)) AS size
    FROM tree)
  UPDATE product_category c
  SET lft = n.lft, rght = n.lft + 2 * n.size - 1, tree_id = n.tree_id, level = n.level
  FROM numbered n
  WHERE n.id = c.id AND (c.lft, c.rght, c.tree_id, c.level) IS DISTINCT FROM
    (n.lft, n.lft + 2 * n.size - 1, n.tree_id, n.level) $$;
-- As Django's collector does it.
CREATE FUNCTION delete_variants(gone integer[]) RETURNS void LANGUAGE sql AS $$
  UPDATE product_product SET default_variant_id = NULL WHERE default_variant_id = ANY (gone);
  DELETE FROM attribute_assignedvariantattributevalue WHERE assignment_id IN (
    SELECT id FROM attribute_assignedvariantattribute WHERE variant_id = ANY (gone));
  DELETE FROM attribute_assignedvariantattribute WHERE variant_id = ANY (gone);
  DELETE FROM product_productvariantchannellisting WHERE variant_id = ANY (gone);
  DELETE FROM warehouse_allocation WHERE stock_id IN (
    SELECT id FROM warehouse_stock WHERE product_variant_id = ANY (gone));
  DELETE FROM warehouse_stock WHERE product_variant_id = ANY (gone);
  DELETE FROM product_productvariant WHERE id = ANY (gone) $$;
CREATE FUNCTION delete_product(gone integer) RETURNS void LANGUAGE sql AS $$
  SELECT delete_variants(array(SELECT id FROM product_productvariant WHERE product_id = gone));
  DELETE FROM product_producttranslation WHERE product_id = gone;
  DELETE FROM product_productchannellisting WHERE product_id = gone;
  DELETE FROM product_productmedia WHERE product_id = gone;
  DELETE FROM product_collectionproduct WHERE product_id = gone;
  DELETE FROM attribute_assignedproductattributevalue WHERE product_id = gone;
  DELETE FROM product_product WHERE id = gone $$;
